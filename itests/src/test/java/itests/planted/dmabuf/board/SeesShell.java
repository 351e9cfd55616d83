// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.board;

import itests.planted.dmabuf.shell.Command;

final class SeesShell {
    final Command seen = new Command();
}
