// SPDX-License-Identifier: Apache-2.0
@NullMarked
package itests.bundles.bank;

import org.jspecify.annotations.NullMarked;
