// agent.utils.job: the task of a job that a run works on.

declare namespace XgodoApi {
  /** Means something only in runs that belong to a job task. */
  interface Job {
    /**
     * Reports the task's final result, or progress with `finish` false. A refused report resolves to a
     * `Failure`.
     *
     * `finish` is **true unless given**: after that no further report is accepted, so a status that may
     * be `"running"` asks for it. It does not end the run: call `stopCurrentAutomation` after it.
     *
     * @param data the task's proof
     * @param files ignored while `finish` is false
     */
    submitTask(
      automationStatus: "success" | "failed" | "declined",
      data: DataObject,
      finish?: boolean,
      files?: readonly TaskFile[],
    ): Promise<{ success: true } | Failure>;
    /**
     * Reports a status that may be `"running"`: progress, with `finish` false. Without `finish` (or with
     * `undefined`) the report ends the task. A refused report resolves to a `Failure`.
     *
     * @param files ignored while `finish` is false
     */
    submitTask(
      automationStatus: "running" | "success" | "failed" | "declined",
      data: DataObject,
      finish: boolean | undefined,
      files?: readonly TaskFile[],
    ): Promise<{ success: true } | Failure>;

    /**
     * Writes a record into another job, made to take such records: a `devices_automation` job of the
     * same automation without planned tasks, whose owner owns this one or shares it. A refusal
     * resolves to a `Failure`.
     *
     * @param status `"pending"` unless given
     * @param files at most 5 MB each
     */
    submitTaskToAnotherJob(
      job_id: string,
      data: DataObject,
      status?: "pending" | "failed" | "declined",
      files?: readonly TaskFile[],
    ): Promise<{ success: true; job_task_id: string; job_id: string } | Failure>;

    /**
     * Takes another task of this job that set the automation variables `{ waiting: true }`, or `null`.
     * Its `job_proof` is **JSON text**: `JSON.parse` it.
     */
    useAnotherTask(): Promise<{ job_task_id: string; job_proof: string } | null>;

    /**
     * The task of this run, or a `Failure`. Its `job_proof` is an object already; the unit of `timeout` is not
     * documented.
     */
    getCurrentTask(): Promise<
      { success: true; parent_task_id: string; job_proof: any; timeout: number } | Failure
    >;

    /**
     * Queues planned tasks, in this job or in `job_id`, on any device or on `remote_device_id`. A refusal
     * resolves to a `Failure`.
     */
    addSubTasks(options: {
      job_variables: readonly DataObject[];
      run_immediately?: boolean;
      job_id?: string;
      remote_device_id?: string;
    }): Promise<SubTasksAdded | Failure>;
    /** Queues planned tasks in this job. A refusal resolves to a `Failure`. */
    addSubTasks(
      job_variables: readonly JobVariables[],
      run_immediately?: boolean,
    ): Promise<SubTasksAdded | Failure>;
    /** Queues planned tasks in another job. A refusal resolves to a `Failure`. */
    addSubTasks(
      job_variables: readonly DataObject[],
      run_immediately: boolean,
      job_id: string,
    ): Promise<SubTasksAdded | Failure>;

    /** The state of queued tasks, by `planned_task_id`, or a `Failure`. */
    getSubTasks(
      planned_task_ids: readonly string[],
    ): Promise<{ success: true; tasks: Record<string, SubTask> } | Failure>;
  }

  interface TaskFile {
    name: string;
    /** With or without its dot: `"png"`, `".png"`. */
    extension: string;
    /** The content as bare base64. */
    base64Data: string;
  }

  interface SubTasksAdded {
    success: true;
    inserted_ids: { planned_task_id: string; input: string }[];
    /** Only with `run_immediately`. The server tries up to three times, five seconds apart. */
    assignment_results?: { planned_task_id: string; assigned: boolean }[];
  }

  interface SubTask {
    parent_task_id: string | null;
    comment: string | null;
    /** What the task submitted, or null. */
    job_proof: any;
    /** Its unit is not documented. */
    timeout: number;
    status: string;
  }
}
