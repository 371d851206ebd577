package org.lewis.engine;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.merge.Crew;
import org.lewis.merge.Method;
import org.lewis.merge.WholeModels;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;

/// A plan whose models are open, with methods that know of these models as a whole what they must.
public final class OpenPlan {

    /// Stands for the plan's own jobs where stages have names.
    static final String RESULT = "";

    private final Plan plan;
    private final Sources sources;
    private final Map<String, Method> informed = new HashMap<>();

    private OpenPlan(Plan plan, Sources sources) {
        this.plan = plan;
        this.sources = sources;
    }

    /// Lets methods look at whole models, stage by stage, where they need to.
    public static OpenPlan of(Plan plan, Sources sources, Crew crew) {
        OpenPlan open = new OpenPlan(plan, sources);
        plan.stages().forEach((name, jobs) -> open.inform(name, jobs, crew));
        open.inform(RESULT, plan.jobs(), crew);
        return open;
    }

    Plan plan() {
        return plan;
    }

    Sources sources() {
        return sources;
    }

    /// The method of a job.
    ///
    /// @param stage that the job belongs to, or [#RESULT]
    Method method(String stage, TensorJob.Merged job) {
        return job.needsWholeModels() ? informed.get(stage) : job.method();
    }

    private void inform(String stage, List<TensorJob> jobs, Crew crew) {
        List<TensorJob.Merged> needing = TensorJob.knowingWholeModels(jobs);
        if (!needing.isEmpty()) {
            informed.put(stage, needing.getFirst().method().knowing(shown(needing, crew)));
        }
    }

    /// The inputs of jobs, each opened while somebody looks at it.
    private WholeModels shown(List<TensorJob.Merged> jobs, Crew crew) {
        return new WholeModels() {
            @Override
            public <T> List<T> each(Visitor<T> visitor) {
                return crew.map(jobs.size(), i -> visit(jobs.get(i), visitor));
            }
        };
    }

    private <T> T visit(TensorJob.Merged job, WholeModels.Visitor<T> visitor) {
        try {
            JobInputs inputs = JobInputs.of(job, this);
            if (!inputs.hasStages()) {
                return visitor.visit(inputs, job.settings(), Crew.ALONE);
            }
            try (Arena stages = Arena.ofShared()) {
                return visitor.visit(inputs.computed(stages, Crew.ALONE), job.settings(), Crew.ALONE);
            }
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }
}
