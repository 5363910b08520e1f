package dev.pleat.spark;

import java.io.Serializable;

/**
 * What a task came to. What is wrong with a job is said here: a task that failed would be tried
 * again.
 *
 * @param file that it is about
 * @param found what it found out, empty where nothing is asked
 * @param refusal why nobody can do it, empty where it is done
 */
record TaskOutcome(String file, String found, String refusal) implements Serializable {
  static TaskOutcome done(String file, String found) {
    return new TaskOutcome(file, found, "");
  }
}
