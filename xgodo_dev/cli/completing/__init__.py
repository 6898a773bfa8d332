"""What a shell is answered when somebody presses Tab.

Nothing here imports click or a command, which would take longer than all the rest.
"""
