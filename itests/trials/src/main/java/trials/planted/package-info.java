// SPDX-License-Identifier: Apache-2.0
/**
 * Planted violations: builds that break one invariant each. A guard is a test that is named beside the violation; it must
 * pass without it and fail with it. So the tests are tested.
 */
@NullMarked
package trials.planted;

import org.jspecify.annotations.NullMarked;
