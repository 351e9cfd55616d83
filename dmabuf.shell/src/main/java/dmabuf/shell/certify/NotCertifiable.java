// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

/** There is nothing to certify: no such file, no bundle, no allocator in it, or it does not start. */
public final class NotCertifiable extends RuntimeException {
    NotCertifiable(String message) {
        super(message);
    }
}
