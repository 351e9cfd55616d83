// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import itests.lab.Bench;
import itests.lab.Expect;
import itests.lab.LabCase;
import itests.lab.peer.Bars;
import itests.lab.peer.Camera;
import itests.lab.peer.Converter;
import itests.lab.peer.Display;
import itests.lab.peer.DrmCard;
import itests.lab.peer.FrameFormat;
import itests.lab.peer.PixelFormat;
import itests.lab.peer.ScanOut;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/** A captured frame goes on: to a card that imports it, to displays that send it out, through a converter. */
final class DisplayCases {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;

    static final List<LabCase> ALL = List.of(
            new LabCase("import", () -> Needs.cameras(1).or(() -> Needs.card("vgem")), DisplayCases::imported),
            new LabCase("display", () -> Needs.cameras(1).or(() -> Needs.card("vkms")), DisplayCases::composed),
            new LabCase("display-pci", () -> Needs.cameras(1).or(() -> Needs.card("cirrus")), DisplayCases::copied),
            new LabCase("convert", Needs::converter, DisplayCases::converted));

    private DisplayCases() {}

    /** Captures one frame in the format of displays, and hands its buffer on while the camera still has it. */
    private static String withFrame(Bench bench, BiFunction<Held, FrameFormat, String> use) {
        Path node = Camera.nodes().getFirst();
        try (Camera camera = Camera.hdmi(node, WIDTH, HEIGHT, PixelFormat.XRGB8888, 2);
                Rotation rotation = Rotation.of(bench.exporter(), camera, 2, CameraCases.device(node))) {
            camera.start();
            int slot = rotation.next().shot().slot();
            camera.stop();
            return use.apply(rotation.buffer(slot), camera.format());
        }
    }

    private static DrmCard card(String driver) {
        return DrmCard.of(driver).orElseThrow();
    }

    private static int importInto(DrmCard card, Held held) {
        int[] handle = new int[1];
        held.lend(descriptor -> handle[0] = card.importBuffer(descriptor));
        return handle[0];
    }

    /** What the card exports again of an imported frame is the frame. */
    private static String imported(Bench bench) {
        return withFrame(bench, (held, format) -> {
            try (DrmCard card = card("vgem");
                    Arena arena = Arena.ofConfined()) {
                int handle = importInto(card, held);
                MemorySegment again = card.mapExported(handle, format.byteSize(), arena);
                Bars bars = Bars.in(again, format);
                Expect.equal("bars", held.read(segment -> Bars.in(segment, format)), bars);
                card.release(handle);
                return "a frame of " + Bench.source(held.buffer()).name() + " imported and exported again: " + bars;
            }
        });
    }

    /**
     * The display sums up what it sends out: of our frame the same as of a copy in its own memory, and another sum once
     * a single byte of ours is another.
     */
    private static String composed(Bench bench) {
        return withFrame(bench, (held, format) -> {
            try (DrmCard card = card("vkms");
                    Arena arena = Arena.ofConfined()) {
                Display display = new Display(card, WIDTH, HEIGHT);
                int ours = display.addFramebuffer(importInto(card, held));
                int own = display.own();
                held.read(frame -> display.mapOwn(own, arena).copyFrom(frame));
                String mode = display.show(display.addFramebuffer(own));
                String wanted = ScanOut.checksum(card);
                display.show(ours);
                Expect.equal("sum of what is sent out", wanted, ScanOut.checksum(card));
                held.write(frame -> flip(frame, 5000));
                String other = ScanOut.checksum(card);
                Expect.that("another sum after a byte has changed: " + other, !other.equals(wanted));
                return mode + " sent out of " + Bench.source(held.buffer()).name() + ": checksum " + wanted
                        + " as of a copy, " + other + " after one byte";
            }
        });
    }

    private static void flip(MemorySegment frame, long offset) {
        frame.set(ValueLayout.JAVA_BYTE, offset, (byte) ~frame.get(ValueLayout.JAVA_BYTE, offset));
    }

    /** A PCI card copies the frame into its own memory when the mode is set: there it is found. */
    private static String copied(Bench bench) {
        return withFrame(bench, (held, format) -> {
            try (DrmCard card = card("cirrus");
                    Arena arena = Arena.ofConfined()) {
                Display display = new Display(card, WIDTH, HEIGHT);
                String mode = display.show(display.addFramebuffer(importInto(card, held)));
                MemorySegment screen = ScanOut.memory("0x1013", "0x00b8", format.byteSize(), arena);
                long differs = held.read(frame -> MemorySegment.mismatch(frame, 0, format.byteSize(), screen, 0, format.byteSize()));
                Expect.equal("byte of the card's memory that is not the frame's", -1L, differs);
                return mode + ": " + format.byteSize() + " bytes of " + Bench.source(held.buffer()).name()
                        + " in the memory of the card";
            }
        });
    }

    private static String converted(Bench bench) {
        try (Converter converter = Converter.open(Converter.nodes().getFirst(), 320, 240, PixelFormat.RGB24);
                var _ = bench.device("lab/converter", "");
                Held from = Held.of(bench.exporter(), "from", converter.format().byteSize(), "lab/converter");
                Held to = Held.of(bench.exporter(), "to", converter.format().byteSize(), "lab/converter")) {
            from.write(segment -> Bytes.write(segment, 11));
            to.write(segment -> segment.fill((byte) 0xee));
            from.lend(source -> to.lend(target -> converter.convert(source, target)));
            Expect.equal("byte that is not as in the first buffer", -1L, to.read(segment -> Bytes.mismatch(segment, 11)));
            Expect.equal("byte of the first that changed", -1L, from.read(segment -> Bytes.mismatch(segment, 11)));
            return converter.format().byteSize() + " bytes from one buffer of " + Bench.source(from.buffer()).name()
                    + " to another";
        }
    }
}
