// SPDX-License-Identifier: Apache-2.0
/** The cases, by bytes and not by return codes. */
@NullMarked
package itests.lab.cases;

import org.jspecify.annotations.NullMarked;
