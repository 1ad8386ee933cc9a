package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.codec.Compression;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.ReadContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryBudgetTest {

    private final MemoryBudget budget = new MemoryBudget(100);

    @Test
    void aRequestLargerThanTheBudgetGoesAheadAlone() throws Exception {
        budget.take(1000, ReadContext.onDemand(Duration.ZERO));
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> budget.take(1, ReadContext.onDemand(Duration.ofMillis(1))));
        budget.giveBack(1000);
        budget.take(100, ReadContext.onDemand(Duration.ZERO));
        assertThat(budget.taken()).isEqualTo(100);
    }

    @Test
    void whoWaitsGoesOnWhenThereIsRoom() throws Exception {
        budget.take(60, ReadContext.onDemand(Duration.ZERO));
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            try {
                budget.take(60, ReadContext.onDemand(Duration.ofSeconds(20)));
            } catch (BackendFailure e) {
                throw new AssertionError(e);
            }
        });
        assertThat(budget.taken()).isEqualTo(60);
        budget.giveBack(60);
        second.join();
        assertThat(budget.taken()).isEqualTo(60);
    }

    @Test
    void aBudgetSmallerThanAnyChunkStillServesManyReaders(@TempDir Path directory) throws Exception {
        TestBlob blob = TestBlob.of(51, 20, 64 << 10, Compression.ZSTD);
        try (CacheRig rig = new CacheRig(directory, 1000)) {
            BlobCache cache = rig.open(blob, new RecordingOrigin(blob.stored)).cache();
            List<Reading> readings = new ArrayList<>();
            for (int chunk = 0; chunk < 20; chunk += 2) {
                readings.add(Reading.start(cache, blob, chunk));
            }
            for (int i = 0; i < readings.size(); i++) {
                assertThat(readings.get(i).await()).isEqualTo(blob.plain[2 * i]);
            }
            rig.settle();
        }
    }
}
