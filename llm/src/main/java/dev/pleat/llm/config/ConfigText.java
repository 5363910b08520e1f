package dev.pleat.llm.config;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Changes values in the text of a {@code config.json} and leaves every other byte as it is, so that
 * whatever reads it finds its fields the way they were.
 */
public final class ConfigText {
  private static final int DEPTH = 64;

  private record Change(int from, int to, String text) {}

  private final byte[] text;
  private final List<Change> changes = new ArrayList<>();

  private ConfigText(byte[] text) {
    this.text = text;
  }

  /**
   * The text with some fields set. A field that is absent is added as the first of its object.
   *
   * @param file is read
   * @param values as JSON, by the path of the field, the names of its objects joined by dots
   * @throws PleatException when the file is no JSON object or lacks the object of a field
   */
  public static byte[] edit(Path file, Map<String, String> values) {
    byte[] text = JsonFiles.bytes(file);
    try {
      return new ConfigText(text).edited(file, values);
    } catch (JacksonException e) {
      throw new PleatException("%s: is no valid JSON".formatted(file), e);
    }
  }

  /**
   * The text without one field of the outermost object, where it is.
   *
   * @param file is read
   * @throws PleatException when the file is no JSON object
   */
  public static byte[] without(Path file, String field) {
    byte[] text = JsonFiles.bytes(file);
    try (JsonParser parser =
        JsonFiles.factory(DEPTH).createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      int end = offset(parser) + 1;
      boolean first = true;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        int from = offset(parser);
        boolean found = parser.currentName().equals(field);
        parser.nextToken();
        parser.skipChildren();
        parser.getString(); // Until it is asked for, a text is not read to its end.
        int to = (int) parser.currentLocation().getByteOffset();
        if (found) {
          // With the comma before it, or as the first with that behind it.
          return first ? cut(text, from, nextField(text, to)) : cut(text, end, to);
        }
        end = to;
        first = false;
      }
      return text;
    } catch (JacksonException e) {
      throw new PleatException("%s: is no valid JSON".formatted(file), e);
    }
  }

  private static int nextField(byte[] text, int from) {
    int at = from;
    while (text[at] != ',' && text[at] != '}') {
      at++;
    }
    if (text[at] == '}') {
      return from;
    }
    at++;
    while (Character.isWhitespace(text[at])) {
      at++;
    }
    return at;
  }

  private static byte[] cut(byte[] text, int from, int to) {
    byte[] rest = new byte[text.length - (to - from)];
    System.arraycopy(text, 0, rest, 0, from);
    System.arraycopy(text, to, rest, from, text.length - to);
    return rest;
  }

  private byte[] edited(Path file, Map<String, String> values) {
    Map<String, Integer> openings = new HashMap<>();
    Set<String> found = new HashSet<>();
    Deque<String> path = new ArrayDeque<>();
    try (JsonParser parser =
        JsonFiles.factory(DEPTH).createParser(ObjectReadContext.empty(), text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        String at = String.join(".", path);
        switch (token) {
          case PROPERTY_NAME -> path.addLast(parser.currentName());
          case START_OBJECT, START_ARRAY -> {
            if (values.containsKey(name(path))) {
              int from = offset(parser);
              parser.skipChildren();
              replace(from, parser, path, values, found);
            } else {
              openings.put(at, offset(parser) + 1);
              path.addLast(token == JsonToken.START_ARRAY ? "[]" : "{}");
            }
          }
          case END_OBJECT, END_ARRAY -> {
            path.removeLast();
            leaveField(path);
          }
          default -> {
            if (values.containsKey(name(path))) {
              replace(offset(parser), parser, path, values, found);
            } else {
              leaveField(path);
            }
          }
        }
      }
    }
    new TreeMap<>(values)
        .forEach((name, value) -> {
          if (!found.contains(name)) {
            add(file, openings, name, value);
          }
        });
    return applied();
  }

  /** The names on a path, without the marks of objects; a path into a list is no field's. */
  private static String name(Deque<String> path) {
    return String.join(".", path.stream().filter(part -> !part.equals("{}")).toList());
  }

  /** The value that ends where the parser stands is to be another. */
  private void replace(
      int from,
      JsonParser parser,
      Deque<String> path,
      Map<String, String> values,
      Set<String> found) {
    String name = name(path);
    found.add(name);
    int end = (int) parser.currentLocation().getByteOffset();
    changes.add(new Change(from, end, values.getOrDefault(name, "")));
    leaveField(path);
  }

  private static void leaveField(Deque<String> path) {
    if (!path.isEmpty() && !path.getLast().equals("[]") && !path.getLast().equals("{}")) {
      path.removeLast();
    }
  }

  private static int offset(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  private void add(Path file, Map<String, Integer> openings, String name, String value) {
    int dot = name.lastIndexOf('.');
    String owner = dot < 0 ? "" : "{}." + name.substring(0, dot).replace(".", ".{}.");
    Integer opening = openings.get(owner);
    if (opening == null) {
      throw new PleatException(
          "%s: has no object for the field '%s'; add the object".formatted(file, name));
    }
    String line = "\n  \"%s\": %s,".formatted(name.substring(dot + 1), value);
    changes.add(new Change(opening, opening, line));
  }

  private byte[] applied() {
    changes.sort(Comparator.comparingInt(Change::from));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int done = 0;
    for (Change change : changes) {
      out.write(text, done, change.from - done);
      out.writeBytes(change.text.getBytes(StandardCharsets.UTF_8));
      done = change.to;
    }
    out.write(text, done, text.length - done);
    return out.toByteArray();
  }
}
