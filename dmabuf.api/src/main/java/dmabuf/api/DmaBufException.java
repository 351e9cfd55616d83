// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.io.Serial;
import java.util.Objects;

/**
 * The one error of the runtime. It carries a {@link Reason} and the whole {@link Explanation}. An allocator throws it
 * to say why it cannot serve.
 */
public final class DmaBufException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Explanation explanation;

    /** Creates an error with a reason and a message that names the offending value and what would be right. */
    public DmaBufException(Reason reason, String message) {
        this(Explanation.of(reason, message));
    }

    /** Creates an error with a reason, a message and the failure below it. */
    public DmaBufException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.explanation = Explanation.of(reason, message);
    }

    /** Creates an error from a whole explanation. */
    public DmaBufException(Explanation explanation) {
        super(Objects.requireNonNull(explanation, "explanation").text());
        this.explanation = explanation;
    }

    /** Returns the reason. */
    public Reason reason() {
        return explanation.reason();
    }

    /** Returns the whole explanation. */
    public Explanation explanation() {
        return explanation;
    }
}
