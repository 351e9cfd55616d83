// SPDX-License-Identifier: Apache-2.0
/** Where input of others comes in: each class takes any bytes, and lets pass documented errors and nothing else. */
@NullMarked
package checkers.input;

import org.jspecify.annotations.NullMarked;
