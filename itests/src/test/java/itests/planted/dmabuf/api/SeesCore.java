// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.api;

import itests.planted.dmabuf.core.Inside;

final class SeesCore {
    final Inside seen = new Inside();
}
