// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Collection;
import java.util.List;

/** Which devices attach: those that must, and those that join if they fit. Immutable. */
public final class AttachRequest {
    private final List<String> required;
    private final List<String> optional;

    private AttachRequest(List<String> required, List<String> optional) {
        this.required = required;
        this.optional = optional;
    }

    /** Returns a request for devices of which all attach or none; none is fine. */
    public static AttachRequest of(Collection<String> required) {
        return new AttachRequest(List.copyOf(required), List.of());
    }

    /**
     * Returns this request with devices that join if they fit. They are tried one by one in this order, after the
     * required ones: each is tested against all that are members by then, so who comes first in the list goes before.
     * One that joined is a member like any other: the first map finds memory for it, too, or for nobody. Whoever rather goes
     * on without it then closes its attachment and maps again.
     */
    public AttachRequest withOptional(Collection<String> value) {
        return new AttachRequest(required, List.copyOf(value));
    }

    /** Returns the devices of which all attach or none. */
    public List<String> required() {
        return required;
    }

    /** Returns the devices that join if they fit, in the order in which they are tried. */
    public List<String> optional() {
        return optional;
    }
}
