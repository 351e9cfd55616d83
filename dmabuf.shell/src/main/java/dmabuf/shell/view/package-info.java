// SPDX-License-Identifier: Apache-2.0

/** What the runtime reports, for people and as data: the text of each answer stands beside its JSON. */
@NullMarked
package dmabuf.shell.view;

import org.jspecify.annotations.NullMarked;
