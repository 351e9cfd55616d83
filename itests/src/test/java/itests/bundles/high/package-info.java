// SPDX-License-Identifier: Apache-2.0
@NullMarked
package itests.bundles.high;

import org.jspecify.annotations.NullMarked;
