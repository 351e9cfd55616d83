// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.shell;

import itests.planted.dmabuf.board.Tree;

final class SeesBoard {
    final Tree seen = new Tree();
}
