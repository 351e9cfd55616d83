// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

/** Who is charged. Compared by identity: a bundle that starts again is another one. */
public interface Payer {
    /** Returns the name that quotas match. */
    String name();

    /** Returns whether it has stopped: from then on it is charged for nothing new. */
    boolean isGone();
}
