package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.onnx.model.OnnxModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Names groups after the first layer that makes their channels. */
final class GroupNames {
  /** Names that exporters invent: {@code onnx::Conv_123}, plain numbers. */
  private static final Pattern INVENTED =
      Pattern.compile("(onnx::.*)|(\\w+_\\d+)|(\\d+)|(const_.*)");

  private static final Pattern SUFFIX =
      Pattern.compile("[./_](weight|weights|kernel|w_0|W|bias|Conv|Gemm|MatMul)(:0)?$");

  /** Between the paths of layers that a converter fused and named after all of them. */
  private static final Pattern JOINED = Pattern.compile(";(?=\\w+(/\\w+)+)");

  private final OnnxModel model;
  private final Tracer tracer;
  private final Map<String, Integer> used = new HashMap<>();

  GroupNames(OnnxModel model, Tracer tracer) {
    this.model = model;
    this.tracer = tracer;
  }

  /** A name that no other group has. */
  String of(List<Slot> slots) {
    Slot first =
        slots.stream()
            .filter(slot -> slot.role() == Role.PRODUCER)
            .findFirst()
            .orElse(slots.getFirst());
    String constant = tracer.use(first.tensor()).constant().name();
    String name = constant;
    if (INVENTED.matcher(constant).matches()) {
      NodeProto node = model.nodes().get(tracer.use(first.tensor()).edge().node());
      name = node.getName().isEmpty() ? node.getOutput(0) : node.getName();
    }
    name = JOINED.split(name, 2)[0];
    name = SUFFIX.matcher(name.startsWith("/") ? name.substring(1) : name).replaceFirst("");
    int count = used.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + "~" + count;
  }
}
