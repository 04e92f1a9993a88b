@NullMarked
package dev.sluice.async;

import org.jspecify.annotations.NullMarked;
