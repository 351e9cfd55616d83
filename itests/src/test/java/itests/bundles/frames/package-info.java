// SPDX-License-Identifier: Apache-2.0
@NullMarked
package itests.bundles.frames;

import org.jspecify.annotations.NullMarked;
