package dev.pleat.core;

/**
 * An error that the user can cause and mend. The message is one line that names the file, tensor,
 * node or option, what was found, what was expected, and what to do about it.
 */
public class PleatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the error with its one-line message. */
  public PleatException(String message) {
    super(message);
  }

  /** Creates the error with its one-line message and the failure underneath it. */
  public PleatException(String message, Throwable cause) {
    super(message, cause);
  }
}
