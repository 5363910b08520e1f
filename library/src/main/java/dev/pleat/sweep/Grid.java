package dev.pleat.sweep;

import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sweep goes through: every method with every repair, allocation and target.
 *
 * @param methods at least one
 * @param repairs at least one
 * @param allocations at least one
 * @param targets at least one
 */
public record Grid(
    List<Method> methods,
    List<Repair> repairs,
    List<Allocation> allocations,
    List<Target> targets) {

  /** Copies the lists. */
  public Grid {
    methods = List.copyOf(methods);
    repairs = List.copyOf(repairs);
    allocations = List.copyOf(allocations);
    targets = List.copyOf(targets);
  }

  /** The trials, targets varying fastest. */
  public List<Trial> trials(FoldOptions common) {
    List<Trial> trials = new ArrayList<>();
    for (Method method : methods) {
      for (Repair repair : repairs) {
        for (Allocation allocation : allocations) {
          for (Target target : targets) {
            trials.add(new Trial(common.with(method).with(repair).with(allocation).with(target)));
          }
        }
      }
    }
    return trials.stream().distinct().toList();
  }
}
