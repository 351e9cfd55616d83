// SPDX-License-Identifier: Apache-2.0
@NullMarked
package itests.bundles.low;

import org.jspecify.annotations.NullMarked;
