// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.spi.KernelFence;
import dmabuf.api.spi.Memory;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import java.time.Duration;
import java.util.Optional;

/**
 * A sync_file whose descriptor is charged until it is closed, once.
 *
 * @param kernel the sync_file
 * @param charge what its owner is charged
 */
record ChargedFence(KernelFence kernel, Charge charge) implements KernelFence {
    @Override
    public boolean await(Duration limit) {
        return kernel.await(limit);
    }

    @Override
    public Optional<Explanation> error() {
        return kernel.error();
    }

    @Override
    public void importInto(Memory memory, FenceUsage usage) {
        kernel.importInto(memory, usage);
    }

    @Override
    public void close() {
        try {
            kernel.close();
        } finally {
            charge.giveBack(Amount.DESCRIPTOR);
        }
    }
}
