// SPDX-License-Identifier: Apache-2.0
package trials.planted;

import java.util.List;
import java.util.stream.Stream;

/** The planted violations. One whose text is no longer found is an error: it is rewritten with the code it breaks. */
final class Plants {
    private static final String CORE = "dmabuf.core";
    private static final String LINUX = "dmabuf.linux";
    private static final String API = "dmabuf.api";
    private static final String CONTIG = "allocator.contig";

    static final List<Plant> ALL =
            Stream.of(memory(), addresses(), lifeCycle(), waiting(), fences(), sets(), quotas(), decisions(), rows()).flatMap(List::stream).toList();

    private Plants() {}

    private static Plant core(String name, String source, String text, String replacement, String guard) {
        return new Plant(name, CORE, "dmabuf/core/" + source, text, replacement, "dmabuf.core." + guard);
    }

    private static Plant linux(String name, String source, String text, String replacement, String guard) {
        return new Plant(name, LINUX, "dmabuf/linux/" + source, text, replacement, "dmabuf.linux." + guard);
    }

    /** What the kernel gave: all of it comes back, once, and nobody sees the bytes of another. */
    private static List<Plant> memory() {
        return List.of(
                core("double free", "Resources.java", "closed = true;", "",
                        "ResourcesTest#whatIsClosedTwiceComesBackOnce"),
                linux("no zeroing", "LinuxMemory.java", "Bytes.zero(mapping.address(), byteSize);", "mapping.address();",
                        "MemfdMemoryTest#zeroesWhatIsMapped"),
                linux("leaked descriptor", "MemorySources.java", "opened.add(file);\n            calls.ftruncate", "calls.ftruncate",
                        "NativeMemoryTest#everyFailingCallLeavesNothingBehind"),
                linux("descriptor inherited by children", "CLibrary.java", "F_DUPFD_CLOEXEC = 1030", "F_DUPFD_CLOEXEC = 0",
                        "MemfdMemoryTest#descriptorsAreClosedInChildProcesses"),
                linux("file that can be resized", "CLibrary.java", "F_SEAL_SHRINK | F_SEAL_GROW)", "0L)",
                        "MemfdMemoryTest#theFileCannotBeResized"),
                linux("wrong offset", "CpuMapping.java", "begin(view) + byteOffset", "begin(view)",
                        "MemfdMemoryTest#aViewOfAPartSeesThatPart"),
                linux("unmapped under a reader", "CpuMapping.java", "calls.mmapPrivateOver(address, byteSize)",
                        "calls.munmap(address, byteSize)", "LeftViewsTest#nobodyInsideFallsIntoAHole"),
                linux("memory of others reused while held", "Lent.java", "holders -> holders > 1", "holders -> holders > 2",
                        "LentTest#whatADriverHoldsIsLentUntilItLetsGo"),
                linux("whole of a join leaked", "NativeMemory.java", "whole.close(calls);", "",
                        "FailingClosesTest#partsThatDoNotCloseLeaveNothingOfTheWhole"),
                linux("files kept by an OutOfMemoryError", "MemorySources.java", "catch (RuntimeException | Error e)",
                        "catch (RuntimeException e)", "MemorySourcesTest#everyFailingCallLeavesNothingBehind"),
                linux("cap tested, then taken", "MemoryBudget.java", "} while (!used.compareAndSet(before, before + byteSize));",
                        "} while (before < 0);\n        Thread.yield();\n        used.addAndGet(byteSize);", "MemoryBudgetTest#twoThatAskAtOnceDoNotBothGetTheLast"),
                core("kept storage not cleared for another owner", "Shelf.java", "if ((other || recycling", "if ((!other && recycling",
                        "RecyclingTest#anotherOwnerFindsZeroesWhateverItAsksAndPays"),
                core("kept storage in the way of who needs room", "Backing.java", "|| !MEMORY.contains(reason)", "|| MEMORY.contains(reason)",
                        "RecyclingTest#whatIsKeptGivesWayToWhoHasNoRoom"),
                core("kept bytes counted wrongly", "Stock.java", "        count(piece, 1);\n", "",
                        "RecyclingTest#theOldestGoesWhenThereIsTooMuch"),
                core("kept for an owner that left meanwhile", "Shelf.java", "&& (mayStay(piece) || !remove(piece))", "",
                        "ShelfTest#whatIsPutBackWhereItLayIsGivenBackWhenItsOwnerHasLeft"),
                core("what a move left charged to nobody", "Shelf.java", " || (successor != null && !successor.repay())", "",
                        "MovedStorageTest#bothAreChargedAndAQuotaThatHasNoRoomForBothKeepsNothing"),
                core("kept storage half cleared for a move", "Shelf.java", " && piece.byteSize() == want.demand().storageSize()", "",
                        "MovedStorageTest#whatLiesBeyondTheContentOfAMoveIsZeroForAnotherOwner"),
                core("kept although somebody sees it", "Shelf.java", "|| !storage.memory().isVacant()", "|| storage.memory() == null",
                        "RecyclingTest#whatSomebodyMayStillReachIsNotKept"),
                core("cap off by one", "Cap.java", "most - before", "most - before + 1",
                        "CapTest#theLastByteIsGivenAndNotOneMore"));
    }

    /** Where memory lies: no address is anybody else's, and each device sees its own. */
    private static List<Plant> addresses() {
        return List.of(
                core("overlap", "Claims.java", "getValue(), range.first()) >= 0", "getValue(), range.first()) > 0",
                        "ClaimsTest#agreesWithAListOverRandomInputs"),
                core("claim kept after release", "Resources.java", "claims.drop(holding)", "claims.hashCode()",
                        "LifeCycleTest#aPlaceThatWasGivenBackIsGivenAgain"),
                core("lie about a range believed", "negotiation/Verification.java", "return covered == piece.byteSize()\n",
                        "return covered >= 0\n", "negotiation.VerificationTest#range"),
                core("bus offset forgotten", "negotiation/Tables.java", "path.toDevice(physical.address())",
                        "physical.address()", "negotiation.TablesTest#oneTableForEach"),
                core("missing unmap", "DeviceView.java", "mapped.get().undo()", "mapped.isPresent()",
                        "DeparturesTest#theIoMappingIsMadeAtTheFirstMapAndUndoneAtTheLastUnmap"),
                core("same I/O addresses twice", "MappedPieces.java", "return Optional.of(below.getValue().piece().addresses())",
                        "below.getValue()", "MapperSuccessionTest#aMapperThatHandsOutTheSameAddressesTwiceLies"),
                core("stale generation", "DeviceView.java", "if (storage != other) {", "if (storage != other && uses < 0) {",
                        "LateAttachTest#aHolderMayMapAgainAtOnceAndSeesTheNewPlace"),
                new Plant("free blocks not joined", API, "dmabuf/api/spi/FreeSpace.java", "below.getValue().last() == first - 1",
                        "below.getValue().last() == first", "dmabuf.api.spi.FreeSpaceTest#neighboursBecomeOne"),
                new Plant("free places of a pool not joined", CONTIG, "allocator/contig/PoolSpace.java",
                        "if (below != null && below.isFree()) {", "if (below != null && below == piece) {",
                        "allocator.contig.ContigAllocatorTest#aThousandTimesFilledAndDrainedThePoolIsWholeAgain"),
                new Plant("place kept without memory", CONTIG, "allocator/contig/ContigAllocator.java",
                        "close(placed.cookie);\n                throw e", "throw e",
                        "allocator.contig.ContigAllocatorTest#whatGotNoMemoryKeepsNoPlace"));
    }

    /** Who may do what, and when: handles die, refusals change nothing, owners and allocators leave nothing. */
    private static List<Plant> lifeCycle() {
        return List.of(
                linux("view survives close", "Downcalls.java", "reinterpret(byteSize, arena,", "reinterpret(byteSize, Arena.global(),",
                        "MemfdMemoryTest#aViewDiesWithItsArena"),
                core("reader that can write", "CpuViews.java", "buffer.request().isReadOnly() && request.mode().writes()",
                        "request.mode() == null", "CpuAccessTest#theCpuStaysOutOfWhatIsNotForIt"),
                core("refused move keeps its new place", "Storing.java", "found.storage().giveBack();\n            }\n        }\n    }", "}\n        }\n    }",
                        "FailingEndsTest#aMoveThatCannotCopyLeavesNothingInItsNewPlace"),
                core("failed first map keeps storage", "DeviceAttachment.java", "if (!mapped && ready.fresh()) {",
                        "if (!mapped && !ready.fresh()) {", "ProposalDefectsTest#failedTableBuildLeaks"),
                core("late answer never given back", "ForeignCode.java", "reply.given().ifPresent(late)", "reply.given()",
                        "ForeignCodeTest#whoHangsIsPassedOverAndItsLateAnswerIsGivenBack"),
                core("listener deaf after an Error", "Mailbox.java", "delivering = false;\n        resting", "resting",
                        "MailboxTest#aThreadThatDiesBetweenTwoEventsLeavesTheRestToTheNext"),
                core("one failure keeps all others", "Sweep.java", "catch (RuntimeException | Error e)", "catch (RuntimeException e)",
                        "FailingEndsTest#storageThatDoesNotCloseKeepsNoneOfTheOthersOfItsOwner"),
                core("owner leaves mappings", "Arrivals.java", "sweep(buffer -> buffer.reclaim(owner))",
                        "sweep(buffer -> {})", "DeparturesTest#whatALeavingOwnerHeldIsReclaimedAndOthersGoOn"),
                core("used after its owner went", "Owner.java", "if (gone) {", "if (gone && name.isEmpty()) {",
                        "DeparturesTest#whatALeavingOwnerHeldIsReclaimedAndOthersGoOn"),
                core("mapping outlives its device", "DeviceMapping.java", "if (over) {\n            attachment.check()",
                        "if (over && direction == null) {\n            attachment.check()",
                        "DeparturesTest#aLeavingDeviceEndsItsMappingsAndTheCombinationWidens"));
    }

    /** Locks and deadlines. */
    private static List<Plant> waiting() {
        return List.of(
                core("check outside the lock", "BufferLock.java", "return tryAcquire(1);", "return true;",
                        "ProposalDefectsTest#checkOutsideTheLock"),
                core("lost wake-up", "BufferLock.java", "changed.signalAll();", "",
                        "ExpectedDevicesTest#whoWaitsIsWokenWhenTheyAreWithdrawn"),
                core("deadline ignored", "ForeignCode.java", "long end = System.nanoTime() + limit.toNanos();",
                        "long end = Long.MAX_VALUE / 2;", "ForeignCodeTest#aCallIsGivenUpAtItsDeadline"),
                core("patience ignored", "Storing.java", "over = !buffer.lock().awaitChange(end);",
                        "over = true;", "ExpectedDevicesTest#whoWaitsIsWokenWhenTheyAreWithdrawn"));
    }

    /** Fences: signalled once, with their error, by their deadline; readers wait for writers. */
    private static List<Plant> fences() {
        return List.of(
                core("fence signalled twice", "Completion.java", "if (state.compareAndSet(before, after)) {",
                        "state.set(after);\n            {", "CompletionTest#oneOfManyEndsIt"),
                core("fence wakes nobody", "Fences.java", "follow(fence.buffer());", "",
                        "FencesTest#waitersGoOnWhenItIsSignalled"),
                core("fence error lost", "Completion.java", "other.error().map(Failed::new)", "Optional.empty()",
                        "CompletionTest#itFailsWithTheFirstThatFails"),
                core("fence past its deadline", "Fences.java", "after(fence.remaining(), fence::expire)",
                        "after(fence.remaining(), () -> {})", "FenceEndsTest#theDeadlineEndsItWithoutAnybodyWaiting"),
                core("reader passes a writer's fence", "Fences.java", "usage.waitsFor(fence.usage())", "usage == FenceUsage.WRITE",
                        "FencesTest#aReaderWaitsForWritersAlone"));
    }

    /** Buffer sets and groups. */
    private static List<Plant> sets() {
        return List.of(
                core("set gives one buffer twice", "Slot.java", "return ticket.compareAndSet(by, by + 1);",
                        "return ticket.getAndSet(by + 1) >= 0;", "RotationTest#aHandleIsGoodForOneAcquisition"),
                core("old generation not drained", "Rotation.java", "        before.retire();\n", "",
                        "RenewalTest#anEncoderThatJoinsInMidStreamGetsNewStorageForAllWhileTheOldDrains"),
                core("laggards forgotten", "Readiness.java", "if (!laggards.isEmpty()) {", "if (laggards.size() > 9) {",
                        "ExpectedDevicesTest#laggardsAreReportedOnceWhenTheirTimeIsOverAlsoWhenNobodyMaps"));
    }

    /** Decisions are remembered for as long as nothing changes that they rest on. */
    private static List<Plant> decisions() {
        return List.of(
                core("decision that outlives an allocator", "Presence.java", "entries == allocators && mappers == serving",
                        "mappers == serving", "PresencesTest#anAllocatorThatComesChangesAndGoes"),
                core("decision that outlives a mapper", "Presence.java", "entries == allocators && mappers == serving",
                        "entries == allocators", "PresencesTest#aMapperThatGoesAndOneThatComesWithOtherFacts"),
                core("failure to answer remembered", "negotiation/Precedents.java", "talks.isLasting() ? ", "outcome != null ? ",
                        "PresencesTest#whoFailedToAnswerBesideAnotherOneIsAskedAgain"),
                core("devices that left remembered", "Presences.java", "usual.set(null);", "",
                        "PresencesTest#nobodyWhoLeftIsKept"),
                core("newest decision forgotten", "negotiation/Recall.java", "places.set(place(hash, hash >>> 8 & REACH - 1), mine);", "",
                        "negotiation.PrecedentsTest#thereIsABoundAndTheNewestIsKnown"));
    }

    /** The rows of the table notice, too: each run as it stands there, a hundredth of it. */
    private static List<Plant> rows() {
        return List.of(
                row("row of the first map", "dmabuf/core/BufferLock.java", "return tryAcquire(1);", "return true;", "FirstMap"),
                row("row of drained pools", "dmabuf/core/Resources.java", "claims.drop(holding)", "claims.hashCode()", "PoolDrained"),
                new Plant("row without descriptors", LINUX, "dmabuf/linux/MemorySources.java", "opened.add(file);\n            calls.ftruncate",
                        "calls.ftruncate", "trials.core.DescriptorsExhausted"),
                new Plant("row of reuse", LINUX, "dmabuf/linux/MemorySources.java",
                        "case MEMFD -> Backing.ofMemfd(memfd(calls.memfdCreate(name), byteSize), byteSize)",
                        "case MEMFD -> Backing.ofMemfd(calls.duplicate(Integer.parseInt(System.getProperties().computeIfAbsent("
                                + "\"kept\" + byteSize, _ -> \"\" + memfd(calls.memfdCreate(name), byteSize)).toString())), byteSize)",
                        "trials.core.ReusedPages"),
                row("row of reuse of kept storage", "dmabuf/core/Shelf.java", "if ((other || recycling", "if ((!other && recycling", "ReusedPages"),
                row("row of quotas", "dmabuf/core/quota/Bucket.java", "after > limit.getAsLong()", "after > limit.getAsLong() + 4096",
                        "QuotasKept"),
                row("row of failing calls", "dmabuf/core/Storing.java", "found.storage().giveBack();\n            }\n        }\n    }", "}\n        }\n    }", "NthCall"),
                row("row of closing against use", "dmabuf/core/BufferReference.java", "if (closed) {\n            throw",
                        "if (closed && owner == null) {\n            throw", "CloseAgainstUse"));
    }

    private static Plant row(String name, String source, String text, String replacement, String row) {
        return new Plant(name, CORE, source, text, replacement, "trials.core." + row);
    }

    /** Quotas: not one byte more, counted where it is taken. */
    private static List<Plant> quotas() {
        return List.of(
                core("quota off by one", "quota/Bucket.java", "after > limit.getAsLong()", "after > limit.getAsLong() + 1",
                        "quota.QuotasTest#theLastByteIsGivenAndNoneMore"),
                core("quota of a parent forgotten", "quota/QuotaTree.java", "found.add(above.get());", "",
                        "quota.QuotasTest#aChargeThatAParentRefusesCountsNowhere"),
                core("refused charge kept", "quota/Quotas.java", "resize(charge, before);", "",
                        "quota.QuotasTest#aChargeThatAParentRefusesCountsNowhere"),
                core("quota of a stopped owner kept", "quota/Quotas.java", "giveBack(charge, charge.amount());", "",
                        "quota.QuotasTest#whatIsWaivedIsChargedToNobody"));
    }
}
