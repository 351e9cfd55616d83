// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Explanation;
import dmabuf.api.Fence;
import dmabuf.api.FenceListener;
import dmabuf.api.FenceState;
import dmabuf.api.FenceUsage;
import java.time.Duration;
import java.util.Optional;

/**
 * A fence as one owner sees it: what that owner asks to be told ends with it.
 *
 * @param behind the fence
 * @param owner who looks
 */
record FenceView(BufferFence behind, Owner owner) implements Fence {
    @Override
    public FenceState state() {
        return behind.completion().state();
    }

    @Override
    public Optional<Explanation> error() {
        return behind.completion().error();
    }

    @Override
    public FenceUsage usage() {
        return behind.usage();
    }

    @Override
    public Duration remaining() {
        return behind.remaining();
    }

    @Override
    public String title() {
        return behind.title();
    }

    @Override
    public boolean await(Duration limit) {
        behind.completion().await(limit.isNegative() ? 0 : Settings.nanos(limit));
        behind.check();
        return state() == FenceState.SIGNALLED;
    }

    @Override
    public void onDone(FenceListener listener) {
        FenceCall call = new FenceCall(this, listener, behind.buffer().core().foreign());
        behind.completion().whenDone(call);
        if (owner.isGone()) {
            behind.forget(owner);
        }
    }

    @Override
    public String toString() {
        return title() + " " + state();
    }
}
