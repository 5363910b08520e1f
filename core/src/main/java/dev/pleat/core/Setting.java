package dev.pleat.core;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Something that a request can be told, as an error names it. Requests have a method of this name,
 * commands an option: {@code latencyBudget(0.5)} is {@code --latency-budget 0.5}.
 *
 * @param name lower-case words joined by hyphens
 * @param value what to give, or its placeholder; empty for the setting as such
 */
public record Setting(String name, String value) implements Serializable {
  private static final String ON = "true";
  private static final Pattern NEXT_WORD = Pattern.compile("-(.)");

  /** The setting as such. */
  public static Setting of(String name) {
    return new Setting(name, "");
  }

  /** The setting switched on. */
  public static Setting on(String name) {
    return new Setting(name, ON);
  }

  /** Whether it is one that is only switched on, for which an option has no value. */
  public boolean isOn() {
    return value.equals(ON);
  }

  /** The setting with a value. */
  public static Setting of(String name, Object value) {
    return new Setting(name, value.toString());
  }

  /** The method that sets it, without arguments. */
  public String method() {
    return NEXT_WORD.matcher(name).replaceAll(next -> next.group(1).toUpperCase(Locale.ROOT));
  }

  /** As who calls a method writes it. */
  @Override
  public String toString() {
    return value.isEmpty() ? method() : method() + "(" + value.replace("=", ", ") + ")";
  }
}
