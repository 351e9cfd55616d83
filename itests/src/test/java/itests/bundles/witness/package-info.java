// SPDX-License-Identifier: Apache-2.0
@NullMarked
package itests.bundles.witness;

import org.jspecify.annotations.NullMarked;
