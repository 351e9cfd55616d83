// SPDX-License-Identifier: Apache-2.0
/**
 * What the rows bring into a framework: bundles with classes of their own, which are driven by words, so that who drives them
 * need not know the API.
 */
@NullMarked
package trials.inside;

import org.jspecify.annotations.NullMarked;
