// SPDX-License-Identifier: Apache-2.0

/** What Felix's File Install, which watches the folders {@code deploy/}, does not say about the files in them. */
@NullMarked
package dmabuf.shell.deploy;

import org.jspecify.annotations.NullMarked;
