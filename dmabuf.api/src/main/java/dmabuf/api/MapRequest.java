// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;
import java.util.Optional;

/** How an attachment is mapped. Immutable; changed copies by the {@code with} methods. */
public final class MapRequest {
    private final Direction direction;
    private final boolean trying;
    private final Optional<MoveListener> moveListener;

    private MapRequest(Direction direction, boolean trying, Optional<MoveListener> moveListener) {
        this.direction = Objects.requireNonNull(direction, "direction");
        this.trying = trying;
        this.moveListener = moveListener;
    }

    /** Returns a request for a direction that may wait and holds the storage in place. */
    public static MapRequest of(Direction direction) {
        return new MapRequest(direction, false, Optional.empty());
    }

    /** Returns the try form of this request: BUSY instead of blocking. */
    public MapRequest withTrying() {
        return new MapRequest(direction, true, moveListener);
    }

    /** Returns this request with a listener that is told to let go when the storage wants to move. */
    public MapRequest withMoveListener(MoveListener value) {
        return new MapRequest(direction, trying, Optional.of(value));
    }

    /** Returns the direction. */
    public Direction direction() {
        return direction;
    }

    /** Returns whether this is the try form. */
    public boolean isTrying() {
        return trying;
    }

    /** Returns the listener, or empty when the holder does not let go. */
    public Optional<MoveListener> moveListener() {
        return moveListener;
    }
}
