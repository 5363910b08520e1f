package dev.pleat.fuzz.mutate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Changes one value anywhere in a JSON text, or the text itself. */
final class JsonMutation implements Mutation {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @Override
  public byte[] apply(byte[] bytes, RandomGenerator random) {
    if (random.nextInt(6) == 0) {
      return new ByteMutation().apply(bytes, random);
    }
    try {
      JsonNode root = JSON.readTree(bytes);
      if (!change(root, random)) {
        return value(random).toString().getBytes(StandardCharsets.UTF_8);
      }
      return JSON.writeValueAsBytes(root);
    } catch (JacksonException damaged) {
      return new ByteMutation().apply(bytes, random);
    }
  }

  private static boolean change(JsonNode node, RandomGenerator random) {
    return switch (node) {
      case ObjectNode object when !object.isEmpty() -> {
        List<String> names = new ArrayList<>(object.propertyNames());
        String name = names.get(random.nextInt(names.size()));
        JsonNode inner = object.get(name);
        if (inner.isContainer() && random.nextInt(4) > 0 && change(inner, random)) {
          yield true;
        }
        switch (random.nextInt(5)) {
          case 0 -> object.remove(name);
          case 1 -> object.set(Mutation.text(random), inner);
          case 2 ->
              object.set(name, object.get(names.get(random.nextInt(names.size()))).deepCopy());
          default -> object.set(name, value(random));
        }
        yield true;
      }
      case ArrayNode array when !array.isEmpty() -> {
        int at = random.nextInt(array.size());
        if (array.get(at).isContainer() && random.nextInt(4) > 0 && change(array.get(at), random)) {
          yield true;
        }
        switch (random.nextInt(4)) {
          case 0 -> array.remove(at);
          case 1 -> array.add(array.get(at).deepCopy());
          default -> array.set(at, value(random));
        }
        yield true;
      }
      default -> false;
    };
  }

  private static JsonNode value(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2, 3 -> NODES.numberNode(Mutation.number(random));
      case 4 -> NODES.numberNode(random.nextGaussian() * Math.pow(10, random.nextInt(-30, 300)));
      case 5 -> NODES.stringNode(Mutation.text(random));
      case 6 -> NODES.objectNode().put("a", 1);
      default -> deep(random.nextInt(1, 2000));
    };
  }

  private static JsonNode deep(int depth) {
    ArrayNode outer = NODES.arrayNode();
    ArrayNode inner = outer;
    for (int i = 0; i < depth; i++) {
      inner = inner.addArray();
    }
    return outer;
  }
}
