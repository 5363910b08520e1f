package dev.pleat.cli.terminal;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

/**
 * Text that only shows. Names come from files that anybody may have written; a terminal would obey
 * the control characters in them, so those appear as {@code \\u001b}, as JSON also has them. Line
 * ends and tabs stay.
 */
public final class PlainText {
  private PlainText() {}

  /** The text with its control characters escaped. */
  public static String of(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      append(plain, text.charAt(i));
    }
    return plain.toString();
  }

  /** A writer that escapes whatever goes through it. */
  public static PrintWriter through(PrintWriter out) {
    return new PrintWriter(new Escaping(out), true);
  }

  private static void append(StringBuilder plain, char c) {
    if (isObeyed(c)) {
      plain.append("\\u%04x".formatted((int) c));
    } else {
      plain.append(c);
    }
  }

  /** Control characters, and what turns the direction of the text that follows. */
  private static boolean isObeyed(char c) {
    boolean turns =
        (c >= '\u202a' && c <= '\u202e')
            || (c >= '\u2066' && c <= '\u2069')
            || c == '\u200e'
            || c == '\u200f'
            || c == '\u061c';
    boolean ends = c == '\u2028' || c == '\u2029';
    return turns || ends || (Character.isISOControl(c) && c != '\n' && c != '\t');
  }

  private static final class Escaping extends FilterWriter {
    Escaping(Writer out) {
      super(out);
    }

    @Override
    public void write(int c) throws IOException {
      write(new char[] {(char) c}, 0, 1);
    }

    @Override
    public void write(String text, int from, int count) throws IOException {
      write(text.toCharArray(), from, count);
    }

    @Override
    public void write(char[] text, int from, int count) throws IOException {
      String lineEnd = System.lineSeparator();
      boolean whole = count == lineEnd.length() && lineEnd.equals(new String(text, from, count));
      out.write(whole ? lineEnd : of(new String(text, from, count)));
    }
  }
}
