package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architecture.Layout;
import dev.pleat.llm.architecture.FeedForwardDescription;
import dev.pleat.llm.architecture.Modules;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the slots of linear modules and remembers which tensors they account for. */
final class SlotFinder {
  private static final String WEIGHT = ".weight";

  private final Architecture architecture;
  private final Checkpoint checkpoint;
  private final Modules modules;
  private final boolean transposed;
  private final Set<String> known = new HashSet<>();
  private final Set<String> roots = new HashSet<>();

  SlotFinder(Architecture architecture, Checkpoint checkpoint) {
    this.architecture = architecture;
    this.checkpoint = checkpoint;
    this.modules = new Modules(architecture, checkpoint);
    this.transposed = architecture.layout() == Layout.IN_OUT;
  }

  Modules modules() {
    return modules;
  }

  /**
   * The weight and the bias of a module that makes channels.
   *
   * @param inputs values that it reads
   * @param channels channel of each output
   */
  List<Slot> producers(String module, int inputs, int[] channels) {
    List<Slot> slots = new ArrayList<>();
    TensorInfo weight = matrix(module, channels.length, inputs);
    slots.add(new Slot(weight.name(), transposed ? 1 : 0, Role.PRODUCER, channels, 1));
    modules
        .bias(module)
        .ifPresent(bias -> {
          vector(bias, channels.length);
          slots.add(new Slot(bias.name(), 0, Role.PRODUCER, channels, 1));
        });
    return slots;
  }

  /**
   * The weight of a module that reads channels.
   *
   * @param outputs values that it makes
   * @param channels channel of each input
   */
  Slot consumer(String module, int outputs, int[] channels) {
    TensorInfo weight = matrix(module, outputs, channels.length);
    modules.bias(module).ifPresent(bias -> vector(bias, outputs));
    return new Slot(weight.name(), transposed ? 0 : 1, Role.CONSUMER, channels, 1);
  }

  private TensorInfo matrix(String module, int outputs, int inputs) {
    TensorInfo weight = modules.weight(module);
    weight.encoding();
    if (transposed) {
      weight.requireShape(inputs, outputs);
    } else {
      weight.requireShape(outputs, inputs);
    }
    known.add(weight.name());
    roots.add(weight.name().substring(0, weight.name().length() - WEIGHT.length()));
    return weight;
  }

  private void vector(TensorInfo bias, int length) {
    bias.encoding();
    bias.requireShape(length);
    known.add(bias.name());
  }

  /**
   * Refuses tensors beside a module's weight and bias: scales of a quantisation, adapters. They
   * would no longer fit what they belong to.
   *
   * @throws PleatException when there is one
   */
  void requireNoStrangers() {
    for (String name : checkpoint.names()) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        if (roots.contains(name.substring(0, dot)) && !known.contains(name)) {
          throw new PleatException(
              "%s: tensor '%s' belongs to a layer that folds, but the description '%s' does not know it; quantised weights and adapters cannot be folded, merge them into the weights first"
                  .formatted(checkpoint.info(name).file(), name, architecture.family()));
        }
      }
    }
  }

  /**
   * Refuses checkpoints with more layers than the configuration says.
   *
   * @throws PleatException when the layer of this number exists
   */
  void requireNoLayer(int layer) {
    for (FeedForwardDescription block : architecture.feedForwards()) {
      modules
          .weightOrEmpty(
              architecture.inLayer(layer, FeedForwardDescription.ofExpert(block.down(), 0)))
          .ifPresent(weight -> {
            throw new PleatException(
                "%s: holds tensor '%s', but config.json says the model has %d layers; one of the two is not this model's"
                    .formatted(weight.file(), weight.name(), layer));
          });
    }
  }
}
