package dev.pleat.report.markup;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * HTML that is well-formed XML too. All text and all attributes are escaped; characters that cannot
 * be shown, or that turn the direction of what follows, become U+FFFD.
 */
public final class Html {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9:-]*");

  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values in turns
   */
  public Html open(String tag, String... attributes) {
    start(tag, attributes).append('>');
    open.push(tag);
    return this;
  }

  /** Closes the element that was opened last. */
  public Html close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element without content. */
  public Html empty(String tag, String... attributes) {
    start(tag, attributes).append("/>");
    return this;
  }

  /** An element that holds text. */
  public Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** Text. */
  public Html text(String text) {
    escape(text);
    return this;
  }

  /**
   * A style sheet or a script of our own, as it stands.
   *
   * @throws IllegalArgumentException when it holds what would have to be escaped
   */
  public Html verbatim(String trusted) {
    if (trusted.indexOf('<') >= 0 || trusted.indexOf('&') >= 0) {
      throw new IllegalArgumentException("a style sheet or script must hold no '<' and no '&'");
    }
    out.append(trusted);
    return this;
  }

  /**
   * The whole document.
   *
   * @throws IllegalStateException when an element is open
   */
  public String document() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("<" + open.peek() + "> is open");
    }
    return "<!DOCTYPE html>\n" + out + "\n";
  }

  private StringBuilder start(String tag, String... attributes) {
    check(tag);
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      check(attributes[i]);
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      out.append('"');
    }
    return out;
  }

  private static void check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("'" + name + "' is no name of an element or attribute");
    }
  }

  private void escape(String text) {
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> out.appendCodePoint(isShown(c) ? c : 0xFFFD);
          }
        });
  }

  private static boolean isShown(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c == '\n' || c == '\t';
      case Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
