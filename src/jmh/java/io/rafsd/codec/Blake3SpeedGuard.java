package io.rafsd.codec;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Ends with an error if hashing in lanes is not at least twice as fast as scalar for 64 KiB and three times for 1 MiB, in a
 * fresh JVM. Whether C2 takes the loops depends on details that nothing else would notice: a bound, an offset, a flag.
 */
public final class Blake3SpeedGuard {

    private static final Map<String, Double> LEAST_SPEEDUP = Map.of("65536", 2.0, "1048576", 3.0);

    private Blake3SpeedGuard() {}

    public static void main(String[] args) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(Blake3Benchmark.class.getSimpleName() + "\\.(scalar|lanes)")
                        .param("size", LEAST_SPEEDUP.keySet().toArray(String[]::new))
                        .forks(1)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(5)
                        .measurementTime(TimeValue.milliseconds(500))
                        .build())
                .run();
        Map<String, Double> scores = new TreeMap<>();
        for (RunResult result : results) {
            String name = result.getPrimaryResult().getLabel() + " "
                    + result.getParams().getParam("size");
            scores.put(name, best(result));
        }
        boolean fast = true;
        for (Map.Entry<String, Double> least : LEAST_SPEEDUP.entrySet()) {
            double speedup = scores.get("scalar " + least.getKey()) / scores.get("lanes " + least.getKey());
            fast &= speedup >= least.getValue();
            System.out.printf(
                    "BLAKE3 of %s bytes: lanes are %.2f times as fast as scalar, at least %.1f wanted%n",
                    least.getKey(), speedup, least.getValue());
        }
        if (!fast) {
            System.exit(1);
        }
    }

    /** On a shared machine the quickest iteration says most about the code. */
    private static double best(RunResult result) {
        return result.getPrimaryResult().getStatistics().getMin();
    }
}
