package dev.pleat.llm.json;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON object with typed access. A getter whose name does not end in {@code OrEmpty} requires the
 * field. A field that is null counts as absent. Messages name the file, the field, what was found
 * and what was expected. Names may be paths: {@code rope_parameters.rope_theta}.
 */
public final class JsonObject {
  private final String where;
  private final String path;
  private final ObjectNode node;

  JsonObject(String where, String path, ObjectNode node) {
    this.where = where;
    this.path = path;
    this.node = node;
  }

  /** The names in this object, in the order of the file. */
  public List<String> names() {
    return List.copyOf(node.propertyNames());
  }

  /** Whether there is such a field and it is not null. */
  public boolean has(String name) {
    return find(name).isPresent();
  }

  /** A text. */
  public String text(String name) {
    return required(name, "a text", textOrEmpty(name));
  }

  /** A text. */
  public Optional<String> textOrEmpty(String name) {
    return typed(
        name, "a text", n -> n.isString() ? Optional.of(n.stringValue()) : Optional.empty());
  }

  /** An integer of at least 1. */
  public int positive(String name) {
    return required(name, "an integer of at least 1", positiveOrEmpty(name));
  }

  /** An integer of at least 1. */
  public Optional<Integer> positiveOrEmpty(String name) {
    return typed(
        name,
        "an integer of at least 1",
        n ->
            n.canConvertToInt() && n.isIntegralNumber() && n.intValue() >= 1
                ? Optional.of(n.intValue())
                : Optional.empty());
  }

  /** A finite number. */
  public double number(String name) {
    return required(name, "a number", numberOrEmpty(name));
  }

  /** A finite number. */
  public Optional<Double> numberOrEmpty(String name) {
    return typed(
        name,
        "a number",
        n ->
            n.isNumber() && Double.isFinite(n.doubleValue())
                ? Optional.of(n.doubleValue())
                : Optional.empty());
  }

  /** True or false. */
  public Optional<Boolean> flagOrEmpty(String name) {
    return typed(
        name,
        "true or false",
        n -> n.isBoolean() ? Optional.of(n.booleanValue()) : Optional.empty());
  }

  /** A list of texts. */
  public List<String> texts(String name) {
    return required(name, "a list of texts", textsOrEmpty(name));
  }

  /** A list of texts. */
  public Optional<List<String>> textsOrEmpty(String name) {
    return typed(
        name,
        "a list of texts",
        n -> {
          if (!n.isArray()) {
            return Optional.empty();
          }
          List<String> texts = new ArrayList<>();
          for (JsonNode element : n) {
            if (!element.isString()) {
              return Optional.empty();
            }
            texts.add(element.stringValue());
          }
          return Optional.of(List.copyOf(texts));
        });
  }

  /** A list of integers from 0 on. */
  public List<Long> sizes(String name) {
    Optional<List<Long>> sizes =
        typed(
            name,
            "a list of integers from 0 on",
            n -> {
              if (!n.isArray()) {
                return Optional.empty();
              }
              List<Long> list = new ArrayList<>();
              for (JsonNode element : n) {
                if (!element.isIntegralNumber()
                    || !element.canConvertToLong()
                    || element.longValue() < 0) {
                  return Optional.empty();
                }
                list.add(element.longValue());
              }
              return Optional.of(List.copyOf(list));
            });
    return required(name, "a list of integers from 0 on", sizes);
  }

  /** A list of finite numbers. */
  public List<Double> numbers(String name) {
    Optional<List<Double>> numbers =
        typed(
            name,
            "a list of numbers",
            n -> {
              if (!n.isArray()) {
                return Optional.empty();
              }
              List<Double> list = new ArrayList<>();
              for (JsonNode element : n) {
                if (!element.isNumber() || !Double.isFinite(element.doubleValue())) {
                  return Optional.empty();
                }
                list.add(element.doubleValue());
              }
              return Optional.of(List.copyOf(list));
            });
    return required(name, "a list of numbers", numbers);
  }

  /** An object. */
  public JsonObject object(String name) {
    return required(name, "an object", objectOrEmpty(name));
  }

  /** An object. */
  public Optional<JsonObject> objectOrEmpty(String name) {
    return typed(
        name,
        "an object",
        n ->
            n instanceof ObjectNode o
                ? Optional.of(new JsonObject(where, full(name), o))
                : Optional.empty());
  }

  /** A list of objects. */
  public List<JsonObject> objects(String name) {
    Optional<List<JsonObject>> objects =
        typed(
            name,
            "a list of objects",
            n -> {
              if (!n.isArray()) {
                return Optional.empty();
              }
              List<JsonObject> list = new ArrayList<>();
              for (JsonNode element : n) {
                if (!(element instanceof ObjectNode o)) {
                  return Optional.empty();
                }
                list.add(new JsonObject(where, full(name) + "[" + list.size() + "]", o));
              }
              return Optional.of(List.copyOf(list));
            });
    return required(name, "a list of objects", objects);
  }

  /** The elements of a list as they stand in the file. */
  public Optional<List<String>> writtenListOrEmpty(String name) {
    return find(name)
        .filter(JsonNode::isArray)
        .map(list -> list.values().stream().map(JsonNode::toString).toList());
  }

  /** Whether a field holds a number rather than anything else. */
  public boolean isNumber(String name) {
    return find(name).filter(JsonNode::isNumber).isPresent();
  }

  /** Whether a field holds a text rather than anything else. */
  public boolean isText(String name) {
    return find(name).filter(JsonNode::isString).isPresent();
  }

  /** Whether a field holds a list. */
  public boolean isList(String name) {
    return find(name).filter(JsonNode::isArray).isPresent();
  }

  /**
   * Refuses fields that nobody reads, which are most often misspelt.
   *
   * @throws PleatException when there is one
   */
  public void allow(Set<String> known) {
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw new PleatException(
            "%s: field '%s' is not known here; expected one of %s"
                .formatted(
                    where, full(name), known.stream().sorted().collect(Collectors.joining(", "))));
      }
    }
  }

  /** An error about a field of this object. */
  public PleatException error(String name, String problem) {
    return new PleatException("%s: field '%s' %s".formatted(where, full(name), problem));
  }

  /** A field's value as it stands in the file, for messages and comparisons; empty when absent. */
  public String written(String name) {
    return find(name).map(JsonNode::toString).orElse("");
  }

  /** The field of exactly this name, or else what the path leads to. */
  private Optional<JsonNode> find(String name) {
    JsonNode found = node.get(name);
    if (found == null) {
      found = node;
      for (String part : name.split("\\.", -1)) {
        found = found instanceof ObjectNode object ? object.get(part) : null;
      }
    }
    return Optional.ofNullable(found).filter(n -> !n.isNull());
  }

  private <T> Optional<T> typed(
      String name, String expected, Function<JsonNode, Optional<T>> read) {
    Optional<JsonNode> found = find(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Optional<T> value = read.apply(found.get());
    if (value.isEmpty()) {
      throw error(name, "is %s, expected %s".formatted(shortened(found.get()), expected));
    }
    return value;
  }

  private <T> T required(String name, String expected, Optional<T> value) {
    return value.orElseThrow(() -> error(name, "is missing, expected " + expected));
  }

  private String full(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
  }
}
