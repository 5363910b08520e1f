package dev.pleat.onnx.data;

/** The order of an image input's axes. */
public enum Layout {
  /** Batch, channels, height, width: PyTorch and most ONNX files. */
  NCHW,
  /** Batch, height, width, channels: TensorFlow. */
  NHWC
}
