// SPDX-License-Identifier: Apache-2.0
@NullMarked
package itests.bundles.rogue;

import org.jspecify.annotations.NullMarked;
