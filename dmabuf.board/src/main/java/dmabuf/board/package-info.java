// SPDX-License-Identifier: Apache-2.0
/** Device trees and sysfs into devices and pools; the board model. */
@NullMarked
package dmabuf.board;

import org.jspecify.annotations.NullMarked;
