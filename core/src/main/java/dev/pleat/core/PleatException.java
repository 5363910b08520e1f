package dev.pleat.core;

import java.util.Arrays;
import java.util.function.Function;

/**
 * An error that the user can cause and mend. The message is one line that names the file, tensor,
 * node or option, what was found, what was expected, and what to do about it.
 */
public class PleatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String template;

  @SuppressWarnings("serial") // Settings, strings and numbers.
  private final Object[] parts;

  /** Creates the error with its one-line message. */
  public PleatException(String message) {
    super(message);
    this.template = "%s";
    this.parts = new Object[] {message};
  }

  /** Creates the error with its one-line message and the failure underneath it. */
  public PleatException(String message, Throwable cause) {
    super(message, cause);
    this.template = "%s";
    this.parts = new Object[] {message};
  }

  private PleatException(String template, Object[] parts) {
    super(template.formatted(parts));
    this.template = template;
    this.parts = parts;
  }

  /**
   * An error whose message names settings. {@link #getMessage()} has them as the methods of a
   * request.
   *
   * @param template as in {@link String#format}
   * @param parts of the message: settings, strings and numbers
   */
  public static PleatException naming(String template, Object... parts) {
    return new PleatException(template, parts.clone());
  }

  /** The message with each {@link Setting} in other words. */
  public String worded(Function<Setting, String> words) {
    return template.formatted(
        Arrays.stream(parts)
            .map(part -> part instanceof Setting setting ? words.apply(setting) : part)
            .toArray());
  }
}
