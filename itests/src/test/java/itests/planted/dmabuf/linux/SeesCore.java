// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.linux;

import itests.planted.dmabuf.core.Inside;

final class SeesCore {
    final Inside seen = new Inside();
}
