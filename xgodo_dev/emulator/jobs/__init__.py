"""Jobs, the tasks that are done for them, and the inputs that wait for somebody to work on them.

What the documentation leaves open, and is so here:

- A planned task holds one of its job's positions from the moment it is there, whatever becomes of the job
  task that works on it; a task without a planned one holds a position unless it failed or was declined.
- Deleting a job task by its own id deletes its planned task too, since only by the planned task's id is it
  said to be kept. Confirmed tasks can't be deleted: so says the printed message, though a sentence beside it
  says that they can.
- A task that was confirmed stays so; one at work can't be judged yet.
- Who may only view a job is told that it is not there where he wants to change it, as 403 is documented for
  few endpoints.
"""
