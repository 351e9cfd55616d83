// SPDX-License-Identifier: Apache-2.0
/** The lab's shell command, and what a case is. */
@NullMarked
package itests.lab;

import org.jspecify.annotations.NullMarked;
