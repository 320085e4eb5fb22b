"""The Triton Inference Server in a container, with one model whose work the request asks for."""
