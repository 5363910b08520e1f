/**
 * Multiple choice by log-likelihood: reading the files of published tasks, and measuring which
 * choice a language model finds likeliest.
 */
@NullMarked
package dev.pleat.llm.task;

import org.jspecify.annotations.NullMarked;
