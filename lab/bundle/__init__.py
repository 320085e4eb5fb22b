"""The lab as one file for a room without network: made by an instructor, unpacked by `bin/lab --bundle`."""
