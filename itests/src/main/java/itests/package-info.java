// SPDX-License-Identifier: Apache-2.0
/** What holds for all modules together, and flows through services in a running framework. */
@NullMarked
package itests;

import org.jspecify.annotations.NullMarked;
